// Asks the sidecar that the page is from, and nobody else.

import { askToken, token } from "./token.js";

/** Why there is no answer: the status (0 where nobody answered) and the sidecar's own words. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** The JSON at a path below the page's. */
export async function get(path) {
  const sent = token();
  const response = await answer(path, sent);
  if (response.status === 401 || response.status === 403) {
    await askToken(sent);
    return get(path);
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body.detail ?? response.statusText);
  return body;
}

async function answer(path, sent) {
  try {
    return await fetch(path, { headers: sent ? { authorization: `Bearer ${sent}` } : {} });
  } catch {
    throw new Refused(0, "");
  }
}
