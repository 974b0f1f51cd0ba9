import { enforcementRemediation } from "../check/enforcement-remediation.ts";
import { isLocalGraph, type ListedOn, listedOn, portalUrl, whereToFix } from "../check/portal.ts";
import type { AskedService } from "../service/ask-enforcement.ts";
import { fixSteps } from "./fix-steps.ts";
import { type Html, html } from "./html.ts";
import { commandDetails, isolatedName } from "./html-elements.ts";
import {
  hasList,
  type ReportData,
  type ReportedClient,
  responseOf,
  type ServiceResult,
} from "./report-data.ts";

const MAX_LINKS = 5;

/** What the owner has to do, in order. The details for one client are in that client's entry. */
export function fixSection(data: ReportData): Html | null {
  const { agent, service, graph, identity, names } = data;
  const list = listedOn(agent, identity, graph.url);
  const entraUrl = isLocalGraph(graph.url) ? graph.url : null;
  const registration = enforcementRemediation(agent, askedOf(service), entraUrl);
  const steps = fixSteps(data, registration).map(({ sentence, command, clients }) =>
    clients.length === 0
      ? html`<li>${sentence}${commandDetails(command)}</li>`
      : html`<li>${sentence} ${clientLinks(clients, names)}.</li>`,
  );
  if (steps.length === 0) return null;
  return html`<section aria-labelledby="fix">
<h2 id="fix">How to fix it</h2>
<ol class="steps">${steps}</ol>
${hasList(identity) ? placeLine(list) : null}
</section>`;
}

function askedOf(service: ServiceResult): AskedService | null {
  const response = responseOf(service);
  if (response === null) return null;
  const { url, registered, enforced } = response;
  if (!registered) return { url, enforcement: "not_registered" };
  return { url, enforcement: enforced === false ? "off" : "on" };
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

function placeLine(list: ListedOn): Html {
  const place = whereToFix(list);
  const url = portalUrl(list);
  if (url === null) return html`<p class="where">${place}</p>`;
  const what = list.isBlueprint ? "blueprint" : "agent";
  return html`<p class="where"><a href="${url}" rel="noreferrer">Open the ${what} in the portal</a>. ${place}</p>`;
}
