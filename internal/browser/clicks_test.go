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
