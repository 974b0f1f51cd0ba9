import { placeToMend } from "../check/portal.ts";
import { type Html, html } from "./html.ts";
import { commandDetails, named } from "./pieces.ts";
import type { ReportData, ReportedClient } from "./report-data.ts";

const LISTED = 5;

/** What the owner has to do, in the order in which it works. What concerns one client only is with that client. */
export function mendSection({
  scopeRepair,
  clients,
  hints,
  service,
  portal,
  graphUrl,
  view,
  isFound,
  names,
}: ReportData): Html | null {
  const steps: Html[] = hints.map((hint) => html`<li>${hint}</li>`);
  if (scopeRepair !== null)
    steps.push(html`<li>${scopeRepair.sentence}${commandDetails(scopeRepair.command)}</li>`);
  const waiting = clients.filter(({ repair }) => repair !== null);
  if (waiting.length > 0)
    steps.push(html`<li>Tick access_as_client in the entry of ${listOf(waiting, names)}.</li>`);
  if (isFound && clients.length === 0) {
    steps.push(
      html`<li>${view.scopeState === "enabled" ? (view.repairs[0] ?? "") : "Then add the client applications that may connect, under Authorized client applications."}</li>`,
    );
  }
  if (service !== null && typeof service !== "string" && !service.registered) {
    steps.push(html`<li>Start the agent, so that it registers with LKPS.</li>`);
  }
  if (steps.length === 0) return null;
  return html`<section aria-labelledby="mend">
<h2 id="mend">What to mend</h2>
<ol class="steps">${steps}</ol>
${isFound ? where(portal, placeToMend(graphUrl)) : null}
</section>`;
}

/** The clients by name, with a way to each; the first few, if there are many. */
function listOf(clients: readonly ReportedClient[], names: ReadonlyMap<string, string>): Html {
  const links = clients
    .slice(0, LISTED)
    .map(({ client }) => html`<a href="#client-${client}">${named(names.get(client) ?? client)}</a>`);
  const more = clients.length - links.length;
  if (more > 0) links.push(html`<a href="#clients">${more} more</a>`);
  return html`${links.map((link, n) => html`${n === 0 ? "" : n === links.length - 1 ? " and " : ", "}${link}`)}`;
}

function where(portal: string | null, place: string): Html {
  if (portal === null) return html`<p class="where">Where: ${place}.</p>`;
  return html`<p class="where"><a href="${portal}" rel="noreferrer">Open it in the portal</a> (${place})</p>`;
}
