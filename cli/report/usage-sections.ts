import { describeCode, describeState } from "../descriptions.ts";
import { type Html, html } from "./html.ts";
import { application, time, yesOrNo } from "./html-elements.ts";
import { type ReportData, responseOf } from "./report-data.ts";
import { usageSummary } from "./usage-summary.ts";

/** Who used the agent lately, and which of them would be denied with enforcement on. Needs the answer of LKPS. */
export function rehearsalSection({ service, names }: ReportData): Html | null {
  const response = responseOf(service);
  if (response === null) return null;
  const { clients } = response.rehearsal;
  const { heading, sentence } = usageSummary(response.rehearsal, response.enforced);
  return html`<section aria-labelledby="use">
<h2 id="use">${heading}</h2>
<p class="lead">${sentence}</p>
${
  clients.length === 0
    ? null
    : table(
        ["Allowed", "Client", "Sessions", "Latest"],
        clients.map((use) => [
          html`${yesOrNo(use.may_start_sessions)}`,
          html`${application(use.client_app_id, names)}<p class="small">${describeCode(use.code)}</p>`,
          html`${use.sessions}`,
          time(use.last_started_at),
        ]),
      )
}
</section>`;
}

/** The agent's latest sessions. Needs the answer of LKPS. */
export function sessionsSection({ service, names }: ReportData): Html | null {
  const response = responseOf(service);
  if (response === null) return null;
  const { sessions } = response;
  return html`<section aria-labelledby="sessions">
<h2 id="sessions">Latest sessions</h2>
${
  sessions.length === 0
    ? html`<p>No sessions yet.</p>`
    : table(
        ["Started", "Client", "Session"],
        sessions.map((session) => [
          time(session.started_at),
          html`${application(session.client_app_id, names)}${session.basis === "pre_authorized" ? null : html`<p class="small">${describeCode(session.basis)}</p>`}`,
          html`${describeState(session)}<p class="small"><span class="id">${session.session_id}</span></p>`,
        ]),
      )
}
</section>`;
}

/** Columns with ids, which take the whole width of a phone. */
const WIDE_COLUMNS: ReadonlySet<string> = new Set(["Client", "Session"]);

// On a phone the rows are shown as cards. Tables with another `display` lose their semantics, so the roles restate them.
function table(headings: readonly string[], rows: readonly (readonly Html[])[]): Html {
  const head = headings.map((heading) => html`<th role="columnheader" scope="col">${heading}</th>`);
  const body = rows.map(
    (cells) =>
      html`<tr role="row">${cells.map((cell, n) => html`<td role="cell" class="${WIDE_COLUMNS.has(headings[n] ?? "") ? "whole" : ""}"><span class="label" aria-hidden="true">${headings[n] ?? ""}</span><div>${cell}</div></td>`)}</tr>`,
  );
  return html`<table role="table"><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body}</tbody></table>`;
}
