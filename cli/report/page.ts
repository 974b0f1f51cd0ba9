import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nearMissWords } from "../check/words.ts";
import { clientsSection } from "./clients-section.ts";
import { mendSection } from "./fix-section.ts";
import { Html, html } from "./html.ts";
import { named, time } from "./pieces.ts";
import type { ReportData } from "./report-data.ts";
import { rehearsalSection, sessionsSection } from "./use-sections.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='8' fill='%231f6feb'/%3E%3Cpath d='m4.5 8.2 2.4 2.4 4.6-5' fill='none' stroke='white' stroke-width='1.8'/%3E%3C/svg%3E";

/** The whole page. It loads nothing and runs nothing: its own policy forbids both. */
export async function reportPage(data: ReportData): Promise<string> {
  // Browsers read all line ends alike, and take the hash of what they read.
  const style = (await readFile(join(import.meta.dirname, "report.css"), "utf8")).replaceAll("\r\n", "\n");
  const styleHash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const name = data.displayName ?? data.agent;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${name} · who may start sessions</title>
<link rel="icon" href="${new Html(ICON)}">
<style>${new Html(style)}</style>
</head>
<body>
<header>
<p class="kind">LKPS access report</p>
<h1><bdi>${name}</bdi></h1>
${data.displayName === null ? null : html`<p class="id">${data.agent}</p>`}
</header>
<main>
${verdictBox(verdictOf(data), data)}
${facts(data)}
${mendSection(data)}
${clientsSection(data)}
${rehearsalSection(data)}
${sessionsSection(data)}
</main>
${footer(data)}
</body>
</html>
`;
  return page.markup;
}

function verdictBox({ kind, sentence, more }: Verdict, { clients }: ReportData): Html {
  const allowed = clients.filter(({ mayStartSessions }) => mayStartSessions).length;
  const bar =
    clients.length === 0
      ? null
      : html`<svg class="bar" viewBox="0 0 ${clients.length} 1" preserveAspectRatio="none" aria-hidden="true"><rect class="no" width="${clients.length}" height="1"/><rect class="yes" width="${allowed}" height="1"/></svg>`;
  return html`<section class="verdict ${kind}" aria-labelledby="verdict">
<h2 id="verdict">${sentence}</h2>
${more === null ? null : html`<p>${more}</p>`}
${bar}
</section>`;
}

function facts(data: ReportData): Html {
  const { isFound, view, service } = data;
  const nearly = view.nearMisses.map((miss) => html`<li>Nearly: ${nearMissWords(miss)}</li>`);
  const rows: [string, boolean | null, string | Html][] = [
    ["App registration", isFound, isFound ? "found" : "not found"],
  ];
  if (isFound) {
    const misses = nearly.length === 0 ? null : html`<ul>${nearly}</ul>`;
    rows.push(["Scope access_as_client", view.scopeState === "enabled", html`${view.scopeState}${misses}`]);
  }
  if (service === null) rows.push(["Registered with LKPS", null, "LKPS was not asked"]);
  else if (typeof service === "string")
    rows.push(["Registered with LKPS", null, `LKPS could not be asked. ${service}`]);
  else {
    rows.push(["Registered with LKPS", service.registered, service.registered ? "yes" : "no"]);
    if (service.enforces !== null) {
      rows.push(["Enforcement", service.enforces, service.enforces ? "on" : "off"]);
    }
  }
  return html`<dl class="facts">${rows.map(
    ([term, isGood, value]) =>
      html`<div class="${isGood === null ? "plain" : isGood ? "good" : "bad"}"><dt>${term}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

function footer({ graphUrl, tenantId, signedInAs, readAt, service, version }: ReportData): Html {
  const asked =
    service === null || typeof service === "string" ? null : html` LKPS at ${service.url} said the rest.`;
  return html`<footer>
<p>Read from ${graphUrl} on ${time(readAt.toISOString())}${signedInAs === null ? null : html` as ${named(signedInAs)}`}${tenantId === null ? null : html`, tenant <span class="id">${tenantId}</span>`}.${asked}
Every yes and no is the decision that LKPS makes, by its own code, for an agent that is registered with enforcement. A new grant counts at once; one that was taken away stops within a minute.</p>
<p>Made by lkps report ${version}. This page loads nothing and sends nothing.</p>
</footer>`;
}
