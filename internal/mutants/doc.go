// Package mutants plants mistakes in the ledger, one at a time, and requires that
// the tests catch each. It has tests alone: `make mutants` runs them; every other
// run checks only that the table still fits the code.
package mutants
