/** What the server says of each outcome; a test of package words keeps it so. */
export const SAID = {
  "already_owned": {
    "badge": "free · already owned",
    "look": "free",
    "why": "Your workspace has this already. It is free again."
  },
  "charged": {
    "badge": "1 standard",
    "look": "paid",
    "why": "Found. Charged 1 standard, once for this person."
  },
  "insufficient_credits": {
    "badge": "not enough credits",
    "look": "stop",
    "why": "There were not enough credits, so it was not revealed."
  },
  "not_allowed": {
    "badge": "daily cap reached",
    "look": "warn",
    "why": "The daily cap of the automatic unlock is reached. Its own button still unlocks it."
  },
  "not_found": {
    "badge": "not found · free",
    "look": "free",
    "why": "Nothing was found, so nothing is charged."
  },
  "not_verified": {
    "badge": "free · not verified",
    "look": "free",
    "why": "The address is not verified. It is shown without a charge."
  },
  "provider_error": {
    "badge": "no answer · free",
    "look": "warn",
    "why": "The source did not answer. Nothing is charged; try again later."
  },
  "same_as_main_line": {
    "badge": "free · main line",
    "look": "free",
    "why": "This is the company's main line. It is shown without a charge."
  },
  "subscription_cancelled": {
    "badge": "subscription cancelled",
    "look": "stop",
    "why": "The subscription is cancelled, so it was not revealed."
  },
  "suppressed": {
    "badge": "withheld · free",
    "look": "free",
    "why": "This person asked not to be listed. Nothing is shown or charged."
  },
  "verified_in_directory": {
    "badge": "free · verified in directory",
    "look": "free",
    "why": "Already in the directory and checked lately. It is free."
  }
};
