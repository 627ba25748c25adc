package dev.lodge.manifest;

import com.fasterxml.jackson.databind.JsonNode;

/** One document of a file, as JSON, and where its fields stand. */
record Document(JsonNode tree, Positions positions) {}
