import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { Answer } from "./answer.ts";
import type { AppRegistration, Directory } from "./directory.ts";

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui }
main { max-width: 32rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
button { font: inherit; text-align: start; width: 100%; margin: .25rem 0; padding: .5rem 1rem }`;
const styleHash = createHash("sha256").update(STYLE).digest("base64");

/** A page without scripts. Its form goes to the stand-in, and from there to the origin given. */
export async function page(status: number, title: string, text: string, form?: unknown, formOrigin = "") {
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; form-action 'self' ${formOrigin}; frame-ancestors 'none'; base-uri 'none'`;
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
  const body = await html`<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <title>${title}</title>
  <link rel="icon" href="data:," />
  <style>${raw(STYLE)}</style>
  <main>
    <h1>${title}</h1>
    <p>${text}</p>
    ${form}
  </main>
</html>
`;
  return { status, headers, body: String(body) };
}

/** Asks who signs in. The form goes to the page's own address. */
export async function signInPage(
  { applications, people }: Directory,
  client: AppRegistration,
  redirectUri: string,
): Promise<Answer> {
  const namesWith = (member: "owners" | "sponsors", id: string) =>
    applications.filter((one) => one[member]?.includes(id)).map(({ displayName }) => displayName);
  const buttons = people.map(({ id, displayName, userPrincipalName }) => {
    const [owned, sponsored] = [namesWith("owners", id), namesWith("sponsors", id)];
    return html`<button name="person" value="${id}"><strong>${displayName}</strong> (${userPrincipalName})
      <br />Owns ${owned.join(", ") || "nothing"}${sponsored.length > 0 && `; sponsors ${sponsored.join(", ")}`}</button>`;
  });
  const form = html`<form method="post">${buttons}<button name="person" value="">Cancel</button></form>`;
  const title = `Sign in to ${client.displayName ?? client.appId}`;
  const text = `This is the local stand-in for Microsoft Entra ID, so there is no password. Choose who signs in. You return to ${redirectUri}.`;
  return await page(200, title, text, form, new URL(redirectUri).origin);
}
