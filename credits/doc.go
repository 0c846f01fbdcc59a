// Package credits meters anything that is sold by the credit: exactly, with a
// reason for every charge, and fast on one hot pool.
//
// A workspace subscribes to a plan of a price book and gets an allowance per
// credit type and period. Commands spend it: [Charge] at once, [Hold] and [Settle]
// around work whose outcome is not known yet, [Capture] by what a lookup found,
// from holds where the lookup was to be paid for first. [Report] gives back what
// turned out bad. Others change what there is: [GiveGrant], [ChangePlan], [Allocate], [Cancel] …
//
//	l, err := credits.Open(ctx, "sqlite:credits.db", books)
//	err = l.Subscribe(ctx, "acme", terms, now)
//	r, err := l.Do(ctx, &credits.Charge{Request: credits.Request{Workspace: "acme", At: now, Key: "k1"}, Credit: "tokens", Amount: 12 * credits.Credit})
//
// What it promises, for any number of goroutines and, on Postgres, of processes:
//
//   - An answer is given only after its transaction is on disk. Nothing that was
//     acknowledged is lost to a crash.
//   - A command with a Key happens once, for ever: the same command is answered
//     with the first answer, a year later too.
//   - Nothing is driven below zero and no limit is overspent.
//   - Every change of a balance is an entry, numbered 1, 2, 3 … per workspace
//     without a gap, never changed and never deleted. [Ledger.Verify] proves that a whole
//     database adds up.
//   - A command that is refused is answered with a [*Refusal] that names the limit
//     that stopped it, what was there, and when it refills. It fails no other.
//
// What it never does: keep time (each command brings its instant), run jobs (a
// period is computed from the instant), touch a float, or hold people's data.
//
// The rules have names such as C5 or G3; docs/rules.md tells them all.
package credits
