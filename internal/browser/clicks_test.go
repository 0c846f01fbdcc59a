package browser_test

import "testing"

// What is done every day takes few clicks: capturing one takes one, and seeing who used the
// premium credits takes one, without scrolling at 1440 by 900.
func TestDailyTasksTakeFewClicks(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.window(1440, 900, "light")
	tab.goTo("/leads")
	tab.fill("#bar-who", grace)
	tab.click(`.capture-bar button[value=capture]`) // 1
	tab.wait(`document.querySelector("#lead-rows .person")`)
	tab.click(`#lead-rows tr:first-child .f-mobile_phone .unlock`)
	tab.has("#lead-rows tr:first-child .f-mobile_phone", "+1 917")

	tab.follow(`.places a[href="/usage"]`) // 1
	tab.wait(`(() => {
		const row = [...document.querySelectorAll("main tbody tr")].find((r) => r.textContent.includes("Bo Boss"));
		return row && scrollY == 0 && row.getBoundingClientRect().bottom <= innerHeight && row.textContent.includes("1");
	})()`)
}

// A value that is wrong is reported beside it, and the report leads back to the lead.
func TestAWrongValueIsReportedInPlace(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.goTo("/leads")
	lead := tab.capture(ada)
	tab.goTo(lead)
	tab.has(`#fields-title + dl > div:nth-child(1)`, "Report wrong")
	tab.click(`#fields-title + dl > div:nth-child(1) .report summary`)
	tab.follow(`#fields-title + dl > div:nth-child(1) .report button`)
	tab.wait(`location.pathname == "` + lead + `"`)
	tab.has("#notices", "Reported.")
	tab.has(`#fields-title + dl > div:nth-child(1)`, "bad")
	tab.lacks(`#fields-title + dl > div:nth-child(1)`, "Report wrong")
}
