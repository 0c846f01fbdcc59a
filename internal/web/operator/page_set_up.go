package operator

import (
	"cmp"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/sample/people"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

const (
	setUp = "/operator/set-up"
	// samplePeople is how many made-up people are added to try the product on.
	samplePeople = 200
	sampleSource = "sample"
)

// newWorkspace is the form as it is at first.
func newWorkspace() CreateWorkspace {
	return CreateWorkspace{Seats: "1", Zone: "UTC", Anchor: "1"}
}

func (v *visit) setUpPage() error {
	v.Page.Notices = v.Notices()
	return v.showSetUp(http.StatusOK, newWorkspace())
}

func (v *visit) showSetUp(status int, form CreateWorkspace) error {
	return v.drawSetUp(status, form, nil)
}

// drawSetUp shows the page with what a form of it has to say.
func (v *visit) drawSetUp(status int, form CreateWorkspace, change func(p *SetUpPage)) error {
	of, err := v.App.Screens.SetUp(v.Context())
	if err != nil {
		return err
	}
	example := ""
	if of.Workspace != "" && of.People && !of.Captured {
		_, made := people.File(1, v.App.Accounts.Clock().UTC())
		if _, err := v.App.Directory.Find(v.Context(), lead.Reference{LinkedInURL: made[0].Profile}); err == nil {
			example = made[0].Profile
		}
	}
	v.Page.Title, v.Page.Nav = "Set up", "operator"
	p := SetUpPage{Page: v.Page, SetUp: of, Create: form, Key: frame.NewKey(), Import: newImport(), Example: example}
	p.Organization = frame.Input{ID: "organization", Name: "organization", Label: "Organization", Value: of.Organization, Auto: "organization", Required: true, Help: "Who runs this server. The sign-in page shows it."}
	_, p.NoPasskey = v.App.SignIn.Site(v.Host)
	p.Page.Passkeys = !of.OwnSignIn && p.NoPasskey == ""
	if p.Create.Name == "" && status == http.StatusOK {
		p.Create.Name = of.Organization // often one team is all there is
	}
	if change != nil {
		change(&p)
	}
	p.Create.Key, p.Create.Plans = frame.NewKey(), plans(of.Plans, cmp.Or(form.Plan, "starter"))
	return v.Show(status, SetUp(p))
}

// nameOrganization keeps the name of the organization that runs the server.
func (v *visit) nameOrganization() error {
	typed := v.PostFormValue("organization")
	err := v.App.Accounts.NameOrganization(v.Context(), typed)
	if fault.Is(err, fault.Invalid) {
		return v.drawSetUp(http.StatusUnprocessableEntity, newWorkspace(), func(p *SetUpPage) {
			p.Organization.Value, p.Organization.Error = typed, "Must have 1 to 80 characters."
		})
	}
	if err != nil {
		return err
	}
	return v.To(setUp, "success", "Saved. The sign-in page shows the name.")
}

// addSample adds made-up people to the directory; again it changes nothing.
func (v *visit) addSample() error {
	file, made := people.File(samplePeople, v.App.Accounts.Clock().UTC())
	if _, err := v.App.Directory.Find(v.Context(), lead.Reference{LinkedInURL: made[len(made)-1].Profile}); fault.Is(err, fault.NotFound) {
		once := v.Once()
		i, err := v.App.Directory.BeginFile(v.Context(), directory.File{Content: file, ContentType: "text/csv", Name: "Sample people", Source: sampleSource, Key: once.Key, Print: once.Print})
		if err == nil && i != nil {
			_, err = i.Run(v.Context())
		}
		if err != nil {
			return err
		}
	}
	return v.To(setUp, "success", "The directory has 200 made-up people. Their companies end in .example.")
}

// testMail sends a test mail from the set-up.
func (v *visit) testMail() error {
	typed := v.PostFormValue("to")
	to, why := v.sendTest(typed)
	if why != "" {
		return v.drawSetUp(http.StatusUnprocessableEntity, newWorkspace(), func(p *SetUpPage) { p.MailTo, p.MailError = typed, why })
	}
	return v.To(setUp, "success", "The mail to "+to+" was sent.")
}

// enterAsAdmin leads to the button that signs this browser in as the first admin.
func (v *visit) enterAsAdmin() error {
	of, err := v.App.Screens.SetUp(v.Context())
	if err != nil {
		return err
	}
	if of.Admin == "" {
		return fault.New(fault.NotFound, "There is no workspace with an admin yet.")
	}
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, of.Workspace)
	if err != nil {
		return err
	}
	code, _, err := v.App.Accounts.CreateLink(v.Context(), s, of.Admin)
	if err != nil {
		return err
	}
	return v.To("/sign-in#code="+code, "", "")
}
