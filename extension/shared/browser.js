/** What browser this is, as a person would say it: the name that a connection is listed under. */
export const browserName = (agent = navigator.userAgent) => {
  const browser = /Edg\//.test(agent) ? "Edge" : /OPR\//.test(agent) ? "Opera" : /Firefox\//.test(agent) ? "Firefox" : "Chrome";
  const system = /Windows/.test(agent) ? "Windows" : /Mac OS/.test(agent) ? "macOS" : /CrOS/.test(agent) ? "ChromeOS" : /Android/.test(agent) ? "Android" : "Linux";
  return `${browser} on ${system}`;
};
