import { meanings } from "../check/words.ts";
import { type Html, html } from "./html.ts";
import { application, time, yesOrNo } from "./pieces.ts";
import type { ReportData } from "./report-data.ts";

/** Who used the agent lately, and who of them would be refused if enforcement were on; nothing where LKPS was not asked. */
export function rehearsalSection({ service, names }: ReportData): Html | null {
  if (service === null || typeof service === "string") return null;
  const { days, clients, complete } = service.rehearsal;
  const refused = clients.filter(({ may_start_sessions: may }) => !may).length;
  const heading = service.enforces === false ? "If enforcement were on" : "Who used the agent";
  const lead = `In the last ${days === 1 ? "day" : `${days} days`}: ${
    clients.length === 0
      ? "nobody."
      : `${plural(clients.length, "client application")}, ${refused === 0 ? "none" : refused} of which ${service.enforces === false ? "would be" : "is now"} refused.`
  }${complete ? "" : " There was more use than LKPS looks at."}`;
  return html`<section aria-labelledby="use">
<h2 id="use">${heading}</h2>
<p class="lead">${lead}</p>
${
  clients.length === 0
    ? null
    : table(
        ["May start", "Client", "Sessions", "Last"],
        clients.map((use) => [
          html`${yesOrNo(use.may_start_sessions)}`,
          html`${application(use.client_app_id, names)}<p class="small">${meaningOf(use.code)}</p>`,
          html`${use.sessions}`,
          time(use.last_started_at),
        ]),
      )
}
</section>`;
}

/** The agent's last sessions; nothing where LKPS was not asked. */
export function sessionsSection({ service, names }: ReportData): Html | null {
  if (service === null || typeof service === "string") return null;
  const { sessions } = service;
  return html`<section aria-labelledby="sessions">
<h2 id="sessions">Last sessions</h2>
${
  sessions.length === 0
    ? html`<p>None yet.</p>`
    : table(
        ["Started", "Client", "Room"],
        sessions.map((session) => [
          time(session.started_at),
          html`${application(session.client_app_id, names)}${session.basis === "pre_authorized" ? null : html`<p class="small">${meaningOf(session.basis)}</p>`}`,
          html`<span class="id">${session.room_name}</span>`,
        ]),
      )
}
</section>`;
}

/** Columns whose ids take a phone's whole width. */
const WIDE: ReadonlySet<string> = new Set(["Client", "Room"]);

// A phone shows rows as cards, for which tables must not be displayed as tables; then only roles say what they are.
function table(headings: readonly string[], rows: readonly (readonly Html[])[]): Html {
  const head = headings.map((heading) => html`<th role="columnheader" scope="col">${heading}</th>`);
  const body = rows.map(
    (cells) =>
      html`<tr role="row">${cells.map((cell, n) => html`<td role="cell" class="${WIDE.has(headings[n] ?? "") ? "whole" : ""}"><span class="label" aria-hidden="true">${headings[n] ?? ""}</span><div>${cell}</div></td>`)}</tr>`,
  );
  return html`<table role="table"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body}</tbody></table>`;
}

function meaningOf(code: string): string {
  return (meanings as Readonly<Record<string, string>>)[code] ?? code;
}

function plural(number: number, what: string): string {
  return number === 1 ? `1 ${what}` : `${number} ${what}s`;
}
