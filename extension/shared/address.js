/** The address of a server as a user types it, and the permission that asking it needs. */

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|[a-z0-9-]+\.localhost)$/;

/**
 * The origin of a server, "https://leads.example.com".
 * @returns {{origin: string} | {problem: string}} http is for this machine alone: a token would travel open
 */
export const serverOrigin = (typed) => {
  const text = String(typed).trim().slice(0, 300);
  if (!text) return { problem: "Type the address of your leadmeter server." };
  const notWeb = { problem: "This is not an address. It looks like https://leads.example.com." };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !/^https?:/i.test(text)) return notWeb;
  let url;
  try {
    url = new URL(/^https?:\/\//i.test(text) ? text : `${LOOPBACK.test(text.split(/[:/]/)[0].toLowerCase()) ? "http" : "https"}://${text}`);
  } catch {
    return notWeb;
  }
  if (url.username || url.password) return { problem: "Leave the name and password out of the address." };
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname)) return { problem: "Use https://. Plain http is only for a server on this computer." };
  return { origin: url.origin };
};

/** The match pattern of an origin. Ports cannot be part of one in every browser, so none is. */
export const pattern = (origin) => {
  const url = new URL(origin);
  return `${url.protocol}//${url.hostname}/*`;
};
