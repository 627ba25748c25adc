/**
 * Tests of an installed Lodge on the test bed's Kubernetes, by kubectl, helm and the bed's faults.
 */
package dev.lodge.e2e.cluster;
