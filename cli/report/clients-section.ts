import { STALE_ENTRY } from "../check/fix.ts";
import { meanings } from "../check/words.ts";
import { type Html, html } from "./html.ts";
import { application, commandDetails, yesOrNo } from "./pieces.ts";
import type { ReportData, ReportedClient } from "./report-data.ts";

/** Every client with its yes or no, those first that are refused. */
export function clientsSection({ clients, names, isFound, service }: ReportData): Html | null {
  if (!isFound) return null;
  const isOff = service !== null && typeof service !== "string" && service.enforces === false;
  return html`<section aria-labelledby="clients">
<h2 id="clients">Client applications</h2>
${isOff ? html`<p class="lead">As if enforcement were on:</p>` : null}
${
  clients.length === 0
    ? html`<p>None is authorized on the agent's app registration.</p>`
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
<div><p>${meanings[code]}</p><p class="code">${code}</p></div>
${
  repair === null
    ? null
    : html`<div class="repair"><p>Tick access_as_client in its entry under Authorized client applications.${isStale ? ` ${STALE_ENTRY}` : null}</p>${commandDetails(repair.command)}</div>`
}
</li>`;
}
