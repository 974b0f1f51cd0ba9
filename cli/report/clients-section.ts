import { STALE_ENTRY } from "../../src/domain/remediation.ts";
import { codeDescriptions } from "../descriptions.ts";
import { type Html, html } from "./html.ts";
import { application, commandDetails, yesOrNo } from "./html-elements.ts";
import { hasList, type ReportData, type ReportedClient, responseOf } from "./report-data.ts";
import { listName } from "./verdict.ts";

/** Every client application with a yes or no, the denied ones first. */
export function clientsSection({ clients, names, identity, service }: ReportData): Html | null {
  if (!hasList(identity)) return null;
  const isEnforced = responseOf(service)?.enforced === true;
  return html`<section aria-labelledby="clients">
<h2 id="clients">Client applications</h2>
${isEnforced ? null : html`<p class="lead">With enforcement on:</p>`}
${
  clients.length === 0
    ? html`<p>${listName(identity)} does not pre-authorize any client application.</p>`
    : html`<ul class="clients">${clients.map((client) => clientItem(client, names, identity))}</ul>`
}
</section>`;
}

function clientItem(
  { client, mayStartSessions, code, remediation, isStale }: ReportedClient,
  names: ReadonlyMap<string, string>,
  identity: ReportData["identity"],
): Html {
  const howToGrant =
    identity?.kind === "agent_identity"
      ? "In the blueprint, add the id of access_as_client to its entry."
      : "Under Authorized client applications, select access_as_client in its entry.";
  return html`<li id="client-${client}">
${yesOrNo(mayStartSessions)}
<div>${application(client, names)}</div>
<div><p>${codeDescriptions[code]}</p><p class="code">${code}</p></div>
${
  remediation === null
    ? null
    : html`<div class="repair"><p>${howToGrant}${isStale ? ` ${STALE_ENTRY}` : null}</p>${commandDetails(remediation.command)}</div>`
}
</li>`;
}
