package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Codes of an authenticator app are those of RFC 6238 as every app has them: SHA-1,
// six digits, 30 seconds; one step before and after is taken, for clocks that differ.
const (
	stepSeconds   = 30
	drift         = 1
	recoveryCodes = 10
	// maxWrong wrong codes within wrongWithin, and no more are taken until it is over.
	maxWrong    = 10
	wrongWithin = 15 * time.Minute
)

// App is an authenticator app to be set up.
type App struct {
	// Secret is what is typed where no picture can be scanned, in groups of four.
	Secret string
	// URL is what the picture holds.
	URL string
}

func appRow(p account.Principal) string { return "second factor " + p.Workspace + "/" + p.Member }

// OfferApp gives the secret of an app to be set up, and what the browser's session must
// keep until a code confirms it: the secret, sealed. kept is what it kept before, so
// that looking again shows the same one; another browser is never shown it, no matter who
// they say they are. Faults: Conflict (an app is set up), NotAllowed (nothing can be
// sealed).
func (svc *Service) OfferApp(ctx context.Context, p account.Principal, kept string) (app App, keep string, err error) {
	if !svc.Sealing {
		return app, "", fault.New(fault.NotAllowed, "An authenticator app cannot be set up: %s.", NoKey)
	}
	name := "Operator"
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		_, found, err := tx.Credentials().SecondFactor(p.Workspace, p.Member)
		if err == nil && found {
			err = appIsThere()
		}
		if err != nil || p.Workspace == "" {
			return err
		}
		m, _, err := tx.Members().ByID(p.Workspace, p.Member)
		name = m.Email
		return err
	})
	if err != nil {
		return app, "", err
	}
	secret, err := svc.Key.Open(appRow(p), kept)
	if err != nil { // none yet, or somebody else's
		var raw [20]byte
		_, _ = rand.Read(raw[:]) // never fails
		secret = seal.Hide(base32.StdEncoding.EncodeToString(raw[:]))
		if kept, err = svc.Key.Seal(appRow(p), secret); err != nil {
			return app, "", err
		}
	}
	raw, err := base32.StdEncoding.DecodeString(secret.Reveal())
	if err != nil {
		return app, "", err
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "leadmeter", AccountName: name, Secret: raw})
	if err != nil {
		return app, "", err
	}
	return App{Secret: grouped(secret.Reveal()), URL: key.URL()}, kept, nil
}

func appIsThere() error {
	return fault.New(fault.Conflict, "An authenticator app is set up already. Turn it off first.")
}

// grouped writes a text in groups of four.
func grouped(text string) string {
	var b strings.Builder
	for n, r := range text {
		if n > 0 && n%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ConfirmApp sets the app up whose secret the browser's session kept, by its first code.
// The recovery codes come back this once. Faults: Unauthenticated, Conflict.
func (svc *Service) ConfirmApp(ctx context.Context, p account.Principal, kept, code string) (recovery []string, err error) {
	there, err := svc.Standing(ctx, p)
	switch {
	case err != nil:
		return nil, err
	case there.App:
		return nil, appIsThere()
	}
	secret, err := svc.Key.Open(appRow(p), kept)
	if err != nil {
		return nil, wrongCode()
	}
	step, good := match(secret.Reveal(), typed(code), svc.Clock(), 0)
	if !good {
		return nil, wrongCode()
	}
	err = svc.change(ctx, p, "second-factor.on", "authenticator app", "An authenticator app was set up as your second factor.", func(tx *store.Tx) error {
		err := tx.Credentials().InsertSecondFactor(store.SecondFactor{Workspace: p.Workspace, Member: p.Member, Secret: kept, ConfirmedAt: svc.Clock().UnixMicro(), LastStep: step})
		if fault.Is(err, fault.Conflict) {
			return appIsThere()
		}
		if err != nil {
			return err
		}
		recovery, err = svc.putRecovery(tx, p)
		return err
	})
	return recovery, err
}

// typed is a code as it was meant.
func typed(code string) string { return strings.Join(strings.Fields(code), "") }

// putRecovery makes new recovery codes in the place of those before.
func (svc *Service) putRecovery(tx *store.Tx, p account.Principal) (codes []string, err error) {
	if err := tx.Credentials().DropRecoveryCodes(p.Workspace, p.Member); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		code := ident.Secret()[:16] // 80 bits
		if err := tx.Credentials().InsertRecoveryCode(p.Workspace, p.Member, ident.Hash(code)); err != nil {
			return nil, err
		}
		codes = append(codes, strings.ReplaceAll(grouped(code), " ", "-"))
	}
	return codes, nil
}

// CheckSecond takes a code of the app, or a recovery code, which is used up. It says
// which. Faults: Unauthenticated, RateLimited.
func (svc *Service) CheckSecond(ctx context.Context, p account.Principal, code string) (how string, err error) {
	if isRecovery(code) {
		return "recovery code", svc.takeRecovery(ctx, p, code)
	}
	return "code", svc.try(ctx, p, code, func(tx *store.Tx, f *store.SecondFactor, step int64) error {
		f.LastStep = step
		return tx.Credentials().UpdateSecondFactor(*f)
	})
}

func wrongCode() error {
	return fault.New(fault.Unauthenticated, "This code is wrong or used. Try the app's next code.")
}

// wrongSecond is wrongCode where a recovery code would do as well.
func wrongSecond() error {
	return fault.New(fault.Unauthenticated, "This code is wrong or used. Try the app's next code, or another recovery code.")
}

// try checks a code of the app against the rows as they are, and counts wrong ones. A
// step is taken once: take writes which it was, in the same transaction.
func (svc *Service) try(ctx context.Context, p account.Principal, code string, take func(tx *store.Tx, f *store.SecondFactor, step int64) error) error {
	code = typed(code)
	var wrong error
	err := svc.Store.Update(ctx, func(tx *store.Tx) error {
		wrong = nil
		if err := svc.Accounts.Lasts(tx, p); err != nil {
			return err
		}
		f, found, err := tx.Credentials().SecondFactorForUpdate(p.Workspace, p.Member)
		if err != nil {
			return err
		}
		if !found {
			return wrongSecond()
		}
		if err := svc.mayTry(&f); err != nil {
			return err
		}
		if !svc.Sealing {
			return fault.New(fault.NotAllowed, "The server has lost the key that opens your second factor. Use a recovery code, and tell its operator.")
		}
		secret, err := svc.Key.Open(appRow(p), f.Secret)
		if err != nil {
			return err
		}
		step, good := match(secret.Reveal(), code, svc.Clock(), f.LastStep)
		if good {
			f.Wrong = 0
			return take(tx, &f, step)
		}
		wrong = wrongSecond()
		f.Wrong++
		return tx.Credentials().UpdateSecondFactor(f)
	})
	if err == nil {
		err = wrong
	}
	return err
}

// mayTry refuses after too many wrong codes, until their time is over.
func (svc *Service) mayTry(f *store.SecondFactor) error {
	now := svc.Clock().UnixMicro()
	if now-f.WrongSince > wrongWithin.Microseconds() {
		f.Wrong, f.WrongSince = 0, now
	}
	if f.Wrong >= maxWrong {
		return fault.New(fault.RateLimited, "Too many wrong codes. Wait a quarter of an hour.")
	}
	return nil
}

// match finds the step that a code is of, later than the last one that was taken.
func match(secret, code string, now time.Time, last int64) (step int64, good bool) {
	at := now.Unix() / stepSeconds
	for n := at - drift; n <= at+drift; n++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(n), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && n > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, good = n, true
		}
	}
	return step, good
}

// recoveryText is a recovery code as it is kept.
func recoveryText(code string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code)))
}

func isRecovery(code string) bool { return len(recoveryText(code)) == 16 }

func (svc *Service) takeRecovery(ctx context.Context, p account.Principal, code string) error {
	return svc.change(ctx, p, "recovery-code.used", "", "A recovery code was used to sign in as you. Each works once; make new ones when few are left.", func(tx *store.Tx) error {
		taken, err := tx.Credentials().TakeRecoveryCode(p.Workspace, p.Member, ident.Hash(recoveryText(code)))
		if err == nil && !taken {
			err = wrongSecond()
		}
		return err
	})
}

// NewRecoveryCodes makes new ones in the place of those before, for who knows a code.
func (svc *Service) NewRecoveryCodes(ctx context.Context, p account.Principal, code string) (codes []string, err error) {
	if _, err := svc.CheckSecond(ctx, p, code); err != nil {
		return nil, err
	}
	err = svc.change(ctx, p, "recovery-codes.made", "", "New recovery codes were made. The old ones no longer work.", func(tx *store.Tx) error {
		codes, err = svc.putRecovery(tx, p)
		return err
	})
	return codes, err
}

// TurnOffApp ends the second factor, for who knows a code. Fault: NotAllowed where the
// workspace asks for one and there is no passkey in its place.
func (svc *Service) TurnOffApp(ctx context.Context, p account.Principal, code string) error {
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		policy, err := tx.Credentials().Policy(p.Workspace)
		if err != nil || !policy.SecondFactor {
			return err
		}
		keys, err := tx.Credentials().Passkeys(p.Workspace, p.Member)
		if err == nil && len(keys) == 0 {
			err = fault.New(fault.NotAllowed, "Your workspace asks everybody for a second factor. Add a passkey first; then the app can go.")
		}
		return err
	})
	if err != nil {
		return err
	}
	if _, err := svc.CheckSecond(ctx, p, code); err != nil {
		return err
	}
	return svc.change(ctx, p, "second-factor.off", "authenticator app", "Your authenticator app was turned off as a second factor.", func(tx *store.Tx) error {
		return tx.Credentials().DropSecondFactor(p.Workspace, p.Member)
	})
}
