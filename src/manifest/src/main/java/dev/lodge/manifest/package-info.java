/** Manifests read strictly: text to checked objects, with the place of every mistake. */
@NullMarked
package dev.lodge.manifest;

import org.jspecify.annotations.NullMarked;
