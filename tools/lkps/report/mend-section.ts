import { PORTAL_PATH } from "../check/portal.ts";
import { type Html, html } from "./html.ts";
import { commandDetails } from "./pieces.ts";
import type { ReportData } from "./report-data.ts";

/** What the owner has to do, in the order in which it works. What concerns one client only is with that client. */
export function mendSection({
  scopeRepair,
  clients,
  hints,
  service,
  portal,
  view,
  isFound,
}: ReportData): Html | null {
  const steps: Html[] = hints.map((hint) => html`<li>${hint}</li>`);
  if (scopeRepair !== null)
    steps.push(html`<li>${scopeRepair.sentence}${commandDetails(scopeRepair.command)}</li>`);
  const waiting = clients.filter(({ repair }) => repair !== null).length;
  if (waiting > 0) {
    const which = waiting === 1 ? "one client application" : `${waiting} client applications`;
    steps.push(html`<li>Give <a href="#clients">${which}</a> the scope: how is said with each.</li>`);
  }
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
${isFound ? where(portal) : null}
</section>`;
}

function where(portal: string | null): Html {
  if (portal === null) return html`<p class="where">Where: ${PORTAL_PATH}.</p>`;
  return html`<p class="where"><a href="${portal}" rel="noreferrer">Open it in the portal</a> (${PORTAL_PATH})</p>`;
}
