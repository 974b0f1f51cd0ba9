import { enforcementRepair } from "../check/enforcement-repair.ts";
import { isLocalGraph, whereToFix } from "../check/portal.ts";
import type { Enforcement } from "../service/ask-enforcement.ts";
import { commandDetails, isolatedName } from "./elements.ts";
import { type Html, html } from "./html.ts";
import { answerOf, type ReportData, type ReportedClient, type ServiceResult } from "./report-data.ts";

const MAX_LINKS = 5;

/** What the owner has to do, in order. The details for one client are in that client's entry. */
export function fixSection({
  agent,
  scopeRepair,
  clients,
  hints,
  service,
  portalUrl,
  graph,
  view,
  isFound,
  names,
}: ReportData): Html | null {
  const registration = enforcementRepair(agent, enforcementOf(service), isLocalGraph(graph.url));
  const steps: Html[] = hints.map((hint) => html`<li>${hint}</li>`);
  if (registration !== null)
    steps.unshift(html`<li>${registration.sentence}${commandDetails(registration.command)}</li>`);
  if (scopeRepair !== null)
    steps.push(html`<li>${scopeRepair.sentence}${commandDetails(scopeRepair.command)}</li>`);
  const broken = clients.filter(({ repair }) => repair !== null);
  if (broken.length > 0)
    steps.push(html`<li>Select access_as_client in the entry of ${clientLinks(broken, names)}.</li>`);
  if (isFound && clients.length === 0) {
    const sentence =
      view.scopeState === "enabled"
        ? (view.repairs[0] ?? "")
        : "Then add the client applications that may connect, under Authorized client applications.";
    steps.push(html`<li>${sentence}</li>`);
  }
  if (steps.length === 0) return null;
  return html`<section aria-labelledby="fix">
<h2 id="fix">How to fix it</h2>
<ol class="steps">${steps}</ol>
${isFound ? placeLine(portalUrl, whereToFix(graph.url)) : null}
</section>`;
}

function enforcementOf(service: ServiceResult): Enforcement | null {
  const answer = answerOf(service);
  if (answer === null) return null;
  if (!answer.registered) return "not_registered";
  return answer.enforced === false ? "off" : "on";
}

/** Links to the first few clients, by name. */
function clientLinks(clients: readonly ReportedClient[], names: ReadonlyMap<string, string>): Html {
  const links = clients
    .slice(0, MAX_LINKS)
    .map(({ client }) => html`<a href="#client-${client}">${isolatedName(names.get(client) ?? client)}</a>`);
  const more = clients.length - links.length;
  if (more > 0) links.push(html`<a href="#clients">${more} more</a>`);
  return html`${links.map((link, n) => html`${n === 0 ? "" : n === links.length - 1 ? " and " : ", "}${link}`)}`;
}

function placeLine(portalUrl: string | null, place: string): Html {
  if (portalUrl === null) return html`<p class="where">${place}</p>`;
  return html`<p class="where"><a href="${portalUrl}" rel="noreferrer">Open the agent in the portal</a>. ${place}</p>`;
}
