import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { describeCode } from "../../cli/descriptions.ts";
import { hasList, type ReportedClient } from "../../cli/report/report-data.ts";
import { listName } from "../../cli/report/verdict.ts";
import type { ExplainedAccess } from "../access.ts";
import { useNames } from "../services.ts";
import { Application, Command, YesOrNo } from "./elements.tsx";

const A_PAGE = 50;
/** Below that, everybody sees all of them at once. */
const MIN_TO_FILTER = 10;

/** Every client with yes or no and why, the denied ones first; those that the filter names. */
export function Clients({
  access: { clients, identity, service },
  filter,
  onFilter,
}: {
  access: ExplainedAccess;
  filter: string;
  onFilter: (filter: string) => void;
}) {
  const [shown, setShown] = useState(A_PAGE);
  const heading = useRef<HTMLHeadingElement>(null);
  const names = useNames(useMemo(() => clients.map(({ client }) => client), [clients]));
  const isFilterable = clients.length > MIN_TO_FILTER || filter !== "";
  const wanted = filter.trim().toLowerCase();
  const matching = clients.filter(
    ({ client }) => client.includes(wanted) || names.get(client)?.toLowerCase().includes(wanted),
  );
  // Whoever chose a client in the steps continues at the list.
  useEffect(() => {
    setShown(A_PAGE);
    if (clients.some(({ client }) => client === filter)) heading.current?.focus();
  }, [filter]);
  if (!hasList(identity)) return null;
  const isEnforced = service !== null && "enforced" in service && service.enforced === true;
  return (
    <section aria-labelledby="clients">
      <h2 id="clients" tabIndex={-1} ref={heading}>
        Client applications
      </h2>
      {!isEnforced && <p class="lead">With enforcement on:</p>}
      {clients.length === 0 && <p>{listName(identity)} does not pre-authorize any client application.</p>}
      {isFilterable && (
        <p class="filter">
          <label for="filter">Find a client by name or id</label>
          <input
            id="filter"
            type="search"
            value={filter}
            onInput={({ currentTarget }) => onFilter(currentTarget.value)}
          />
          <span role="status" class="small">
            {matching.length} of {clients.length}
          </span>
        </p>
      )}
      <ul class="clients">
        {matching.slice(0, shown).map((client) => (
          <Client key={client.client} client={client} names={names} />
        ))}
      </ul>
      {matching.length > shown && (
        <button type="button" onClick={() => setShown(shown + A_PAGE)}>
          Show more of {matching.length}
        </button>
      )}
    </section>
  );
}

function Client({
  client: { client, mayStartSessions, code, remediation },
  names,
}: {
  client: ReportedClient;
  names: ReadonlyMap<string, string>;
}) {
  return (
    <li>
      <YesOrNo isYes={mayStartSessions} />
      <div>
        <Application id={client} names={names} />
      </div>
      <div>
        <p>{describeCode(code)}</p>
        <p class="code">{code}</p>
      </div>
      {remediation !== null && (
        <div class="repair">
          <p>{remediation.sentence}</p>
          <Command>{remediation.command}</Command>
        </div>
      )}
    </li>
  );
}
