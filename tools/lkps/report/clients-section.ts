import { meanings } from "../check/words.ts";
import { type Html, html } from "./html.ts";
import { application, commandDetails, yesOrNo } from "./pieces.ts";
import type { ReportData, ReportedClient } from "./report-data.ts";

/** Every client with its yes or no, those first that are refused. */
export function clientsSection({ clients, names }: ReportData): Html {
  const body =
    clients.length === 0
      ? html`<p>None is authorized on the agent's app registration.</p>`
      : html`<ul class="clients">${clients.map((client) => clientItem(client, names))}</ul>`;
  return html`<section aria-labelledby="clients">
<h2 id="clients">Client applications</h2>
${body}
</section>`;
}

function clientItem(
  { client, mayStartSessions, code, repair }: ReportedClient,
  names: ReadonlyMap<string, string>,
): Html {
  return html`<li>
${yesOrNo(mayStartSessions)}
<div class="who">${application(client, names)}</div>
<div class="why"><p>${meanings[code]} <code>${code}</code></p>
${repair === null ? null : html`<p>${repair.sentence}</p>${commandDetails(repair.command)}`}</div>
</li>`;
}
