package web

// sampleGate is every page on the way in.
func sampleGate() []sample {
	p := Page{Title: "Sign in"}
	picture, err := qrOf("otpauth://totp/leadmeter:ada@example.com?secret=ABCDEFGH")
	if err != nil {
		panic(err)
	}
	issuers := []IssuerLink{{"Okta", "/sign-in/with/okta"}}
	return []sample{
		{"sign-in-all", SignIn(SignInPage{Page: p, Key: "k1", CodeKey: "k2", Mail: true, Passkeys: true, Issuers: issuers})},
		{"code-opened", CodeOpened(CodePage{p, "k1", "/usage", "abc", "Northwind Sales", "Ada Byron"})},
		{"link-sent", LinkSent(StepPage{p, "k1", "The code is wrong."})},
		{"link-good", LinkOpened(LinkPage{p, "k1", "good", "abc"})},
		{"link-other", LinkOpened(LinkPage{p, "k1", "other", "abc"})},
		{"link-over", LinkOpened(LinkPage{p, "k1", "over", "abc"})},
		{"choose", ChooseDoor(ChoosePage{p, "k1", []DoorChoice{{"ws_1/mem_1", "Northwind Sales", "admin"}, {"ws_2/mem_2", "Contoso", "member"}}})},
		{"second", SecondStep(SecondPage{p, "k1", true, true, "The code is wrong."})},
		{"set-up", SetUpStep(SetUpPage{p, "k1", "/sign-in/set-up", true, picture, "ABCD EFGH", "The code is wrong.", "", "/settings/sign-in"})},
		{"set-up-cannot", SetUpStep(SetUpPage{Page: p, Error: "It cannot be set up.", Back: "/settings/sign-in"})},
		{"recovery", Recovery(RecoveryPage{p, []string{"aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"}, "/leads"})},
		{"join", Join(JoinPage{Page: p, Key: "k1", OtherKey: "k2", Token: "t", Workspace: "Northwind Sales", Email: "ada@example.com", Error: "Must have 10 to 200 characters.", Issuers: issuers})},
		{"join-sso", Join(JoinPage{Page: p, Key: "k1", OtherKey: "k2", Token: "t", Workspace: "Northwind Sales", Email: "ada@example.com", SSOOnly: true, Issuers: issuers})},
		{"join-over", Join(JoinPage{Page: p, Over: true})},
	}
}

func sampleSecurity() SecurityPage {
	return SecurityPage{
		Page: samplePage("settings", "How you sign in"), OthersKey: "k-os", Password: PasswordForm{Key: "k-pw", Email: "ada@example.com", Current: true, CurrentError: "This is not your current password.", MinLength: 10},
		App:        AppPanel{On: true, Recovery: "2 recovery codes are left.", Low: true, Key: "k-ap", Error: "The code is wrong."},
		Passkeys:   PasskeyPanel{"", []PasskeyLine{{"pk_1", "My laptop", "3 Nov 2026, 09:12", "used 9 Nov 2026, 14:40", "k-p1", "k-p2"}, {"pk_2", "Phone", "3 Nov 2026, 09:12", "not used yet", "k-p3", "k-p4"}}},
		Identities: []IdentityLine{{"https://acme.okta.example", "Okta", "3 Nov 2026, 09:12", "k-id"}},
		Sessions: []SessionLine{{"sess_1", "Firefox on Windows", "from 203.0.113.x", "Password and code", "9 Nov 2026, 08:00", "9 Nov 2026, 14:40", true, ""},
			{"sess_2", "Safari on iPhone", "from 198.51.100.x", "Passkey", "7 Nov 2026, 08:00", "8 Nov 2026, 14:40", false, "k-s2"}},
		Policy: &PolicyForm{Key: "k-po", SecondFactor: true, NoSSO: "sign in that way once", Issuers: "Okta", Accepted: []AcceptedIssuer{{"https://acme.okta.example", "Okta", true}}, Error: "Not saved."},
	}
}

func sampleMemberSignIn() MemberSignInPage {
	return MemberSignInPage{Page: samplePage("team", "How Tom Reed signs in"), ID: "mem_2", Name: "Tom Reed", Facts: SignInFacts{"set", "off", "1", "1 place"}, SSO: "Okta",
		Sessions: []SessionLine{{"sess_2", "Safari on iPhone", "from 198.51.100.x", "Passkey", "7 Nov 2026, 08:00", "8 Nov 2026, 14:40", false, ""}}, EndKey: "k-en", ResetKey: "k-re"}
}
