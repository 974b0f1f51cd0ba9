import { STALE_ENTRY } from "../../src/domain/authorization-view.ts";
import { codeDescriptions } from "../descriptions.ts";
import { application, commandDetails, yesOrNo } from "./elements.ts";
import { type Html, html } from "./html.ts";
import { answerOf, type ReportData, type ReportedClient } from "./report-data.ts";

/** Every client application with a yes or no, the denied ones first. */
export function clientsSection({ clients, names, isFound, service }: ReportData): Html | null {
  if (!isFound) return null;
  const isEnforced = answerOf(service)?.enforced === true;
  return html`<section aria-labelledby="clients">
<h2 id="clients">Client applications</h2>
${isEnforced ? null : html`<p class="lead">With enforcement on:</p>`}
${
  clients.length === 0
    ? html`<p>The agent's app registration does not authorize any client application.</p>`
    : html`<ul class="clients">${clients.map((client) => clientItem(client, names))}</ul>`
}
</section>`;
}

function clientItem(
  { client, mayStartSessions, code, repair, isStale }: ReportedClient,
  names: ReadonlyMap<string, string>,
): Html {
  return html`<li id="client-${client}">
${yesOrNo(mayStartSessions)}
<div>${application(client, names)}</div>
<div><p>${codeDescriptions[code]}</p><p class="code">${code}</p></div>
${
  repair === null
    ? null
    : html`<div class="repair"><p>Under Authorized client applications, select access_as_client in its entry.${isStale ? ` ${STALE_ENTRY}` : null}</p>${commandDetails(repair.command)}</div>`
}
</li>`;
}
