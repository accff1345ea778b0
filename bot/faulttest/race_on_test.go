//go:build race

package faulttest

// underRace says that everything takes several times as long.
const underRace = true
