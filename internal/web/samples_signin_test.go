package web_test

import (
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/gate"
)

// sampleGate is every page on the way in.
func sampleGate() []sample {
	p := frame.Page{Title: "Sign in"}
	picture := gate.QR{Size: 21, Path: "M0 0h7v1h-7z"}
	issuers := []gate.IssuerLink{{Name: "Okta", URL: "/sign-in/with/okta"}}
	return []sample{
		{"sign-in-all", gate.SignIn(gate.SignInPage{Page: p, Key: "k1", CodeKey: "k2", Mail: true, Passkeys: true, Issuers: issuers})},
		{"code-opened", gate.CodeOpened(gate.CodePage{Page: p, Key: "k1", Next: "/usage", Code: "abc", Workspace: "Northwind Sales", Name: "Ada Byron"})},
		{"link-sent", gate.LinkSent(gate.StepPage{Page: p, Key: "k1", Error: "The code is wrong."})},
		{"link-good", gate.LinkOpened(gate.LinkPage{Page: p, Key: "k1", State: "good", Token: "abc"})},
		{"link-other", gate.LinkOpened(gate.LinkPage{Page: p, Key: "k1", State: "other", Token: "abc"})},
		{"link-over", gate.LinkOpened(gate.LinkPage{Page: p, Key: "k1", State: "over", Token: "abc"})},
		{"choose", gate.ChooseDoor(gate.ChoosePage{Page: p, Key: "k1", Memberships: []gate.MembershipChoice{{Value: "ws_1/mem_1", Name: "Northwind Sales", Role: "admin"}, {Value: "ws_2/mem_2", Name: "Contoso", Role: "member"}}})},
		{"second", gate.SecondStep(gate.SecondPage{Page: p, Key: "k1", App: true, Passkeys: true, Error: "The code is wrong."})},
		{"set-up", gate.SetUpStep(gate.SetUpPage{Page: p, Key: "k1", Action: "/sign-in/set-up", Required: true, Picture: picture, Secret: "ABCD EFGH", CodeError: "The code is wrong.", Error: "", Back: "/settings/sign-in"})},
		{"set-up-cannot", gate.SetUpStep(gate.SetUpPage{Page: p, Error: "It cannot be set up.", Back: "/settings/sign-in"})},
		{"recovery", gate.Recovery(gate.RecoveryPage{Page: p, Codes: []string{"aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"}, Next: "/leads"})},
		{"join", gate.Join(gate.JoinPage{Page: p, Key: "k1", OtherKey: "k2", Token: "t", Workspace: "Northwind Sales", Email: "ada@example.com", Error: "Must have 10 to 200 characters.", Issuers: issuers})},
		{"join-sso", gate.Join(gate.JoinPage{Page: p, Key: "k1", OtherKey: "k2", Token: "t", Workspace: "Northwind Sales", Email: "ada@example.com", SSOOnly: true, Issuers: issuers})},
		{"join-over", gate.Join(gate.JoinPage{Page: p, Over: true})},
	}
}

func sampleSecurity() gate.SecurityPage {
	return gate.SecurityPage{
		Page: samplePage("settings", "How you sign in"), OthersKey: "k-os", Password: gate.PasswordForm{Key: "k-pw", Email: "ada@example.com", Current: true, CurrentError: "This is not your current password.", MinLength: 10},
		App:        gate.AppPanel{On: true, Recovery: "2 recovery codes are left.", Low: true, Key: "k-ap", Error: "The code is wrong."},
		Passkeys:   gate.PasskeyPanel{Why: "", List: []gate.PasskeyLine{{ID: "pk_1", Name: "My laptop", Made: "Nov 3, 2026, 09:12", Used: "used Nov 9, 2026, 14:40", Key: "k-p1", RemoveKey: "k-p2"}, {ID: "pk_2", Name: "Phone", Made: "Nov 3, 2026, 09:12", Used: "not used yet", Key: "k-p3", RemoveKey: "k-p4"}}},
		Identities: []gate.IdentityLine{{Issuer: "https://acme.okta.example", Name: "Okta", Since: "Nov 3, 2026, 09:12", Key: "k-id"}},
		Sessions: []gate.SessionLine{{ID: "sess_1", Browser: "Firefox on Windows", Where: "from 203.0.113.x", How: "Password and code", When: "Nov 9, 2026, 08:00", Seen: "Nov 9, 2026, 14:40", This: true, Key: ""},
			{ID: "sess_2", Browser: "Safari on iPhone", Where: "from 198.51.100.x", How: "Passkey", When: "Nov 7, 2026, 08:00", Seen: "Nov 8, 2026, 14:40", This: false, Key: "k-s2"}},
		Policy: &gate.PolicyForm{Key: "k-po", SecondFactor: true, NoSSO: "sign in that way once", Issuers: "Okta", Accepted: []gate.AcceptedIssuer{{URL: "https://acme.okta.example", Name: "Okta", On: true}}, Error: "Not saved."},
	}
}

func sampleMemberSignIn() gate.MemberSignInPage {
	return gate.MemberSignInPage{Page: samplePage("team", "How Tom Reed signs in"), ID: "mem_2", Name: "Tom Reed", Facts: frame.SignInFacts{Password: "set", Second: "off", Passkeys: "1", Sessions: "1 place"}, SSO: "Okta",
		Sessions: []gate.SessionLine{{ID: "sess_2", Browser: "Safari on iPhone", Where: "from 198.51.100.x", How: "Passkey", When: "Nov 7, 2026, 08:00", Seen: "Nov 8, 2026, 14:40", This: false, Key: ""}}, EndKey: "k-en", ResetKey: "k-re"}
}
