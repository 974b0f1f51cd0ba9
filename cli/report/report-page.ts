import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { clientsSection } from "./clients-section.ts";
import { factsOf } from "./facts.ts";
import { fixSection } from "./fix-section.ts";
import { Html, html } from "./html.ts";
import { isolatedName, time } from "./html-elements.ts";
import { type ReportData, responseOf } from "./report-data.ts";
import { rehearsalSection, sessionsSection } from "./usage-sections.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='8' fill='%231f6feb'/%3E%3Cpath d='m4.5 8.2 2.4 2.4 4.6-5' fill='none' stroke='white' stroke-width='1.8'/%3E%3C/svg%3E";

/** The report as an HTML page. Its content security policy lets it load and run nothing. */
export async function reportPage(data: ReportData): Promise<string> {
  // Browsers normalize line ends before they compute the hash.
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
<title>${name} · LKPS access report</title>
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
${factList(data)}
${fixSection(data)}
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

function factList(data: ReportData): Html {
  const rows = factsOf(data).map(({ term, isGood, value, similar }) => {
    const kind = isGood === null ? "plain" : isGood ? "good" : "bad";
    const misses = similar.map((miss) => html`<li>Similar: ${miss}</li>`);
    return html`<div class="${kind}"><dt>${term}</dt><dd>${value}${misses.length === 0 ? null : html`<ul>${misses}</ul>`}</dd></div>`;
  });
  return html`<dl class="facts">${rows}</dl>`;
}

function footer({ graph, readAt, service, version }: ReportData): Html {
  const { url, tenantId, signedInAs } = graph;
  const user = signedInAs === null ? null : html` as ${isolatedName(signedInAs)}`;
  const tenant = tenantId === null ? null : html`, tenant <span class="id">${tenantId}</span>`;
  const response = responseOf(service);
  return html`<footer>
<p>Read from ${url} on ${time(readAt.toISOString())}${user}${tenant}.${response === null ? null : html` The registration and the usage come from LKPS at ${response.url}.`}
Each yes or no is the decision of LKPS for an agent that is registered with enforcement on. LKPS notices a new grant at once, and a removed one within a minute.</p>
<p>Created by lkps report ${version}. This page does not load or send anything.</p>
</footer>`;
}
