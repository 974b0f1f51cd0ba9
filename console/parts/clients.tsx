import { useEffect, useRef } from "preact/hooks";
import { describeCode } from "../../cli/descriptions.ts";
import { hasList } from "../../cli/report/report-data.ts";
import { listName } from "../../cli/report/verdict.ts";
import type { ExplainedAccess } from "../access.ts";
import { useNames } from "../services.ts";
import { Application, Command, LongList, YesOrNo } from "./elements.tsx";

/** So few can be seen at once. */
const MAX_UNFILTERED = 10;

interface ClientsProps {
  readonly access: ExplainedAccess;
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
}

/** Every client with yes or no and why, the denied ones first; or those that the filter finds. */
export function Clients({ access: { clients, identity, enforced }, filter, onFilter }: ClientsProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const names = useNames(clients.map(({ client }) => client));
  const wanted = filter.trim().toLowerCase();
  const found = clients.filter(
    ({ client }) => client.includes(wanted) || names.get(client)?.toLowerCase().includes(wanted),
  );
  // Whoever chose a client in the steps continues at the list.
  const isChosen = clients.some(({ client }) => client === filter);
  useEffect(() => {
    if (isChosen) heading.current?.focus();
  }, [isChosen]);
  if (!hasList(identity)) return null;
  return (
    <section aria-labelledby="clients">
      <h2 id="clients" tabIndex={-1} ref={heading}>
        Client applications
      </h2>
      {!enforced && <p>With enforcement on:</p>}
      {clients.length === 0 && <p>{listName(identity)} does not pre-authorize any client application.</p>}
      {(clients.length > MAX_UNFILTERED || filter !== "") && (
        <p class="actions">
          <label for="filter">Find a client by name or id</label>
          <input
            id="filter"
            type="search"
            value={filter}
            onInput={({ currentTarget }) => onFilter(currentTarget.value)}
          />
          <span role="status" class="small">
            {found.length} of {clients.length}
          </span>
        </p>
      )}
      <LongList kind="clients" items={found}>
        {({ client, mayStartSessions, code, remediation }) => (
          <li key={client}>
            <YesOrNo isYes={mayStartSessions} />
            <Application id={client} />
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
        )}
      </LongList>
    </section>
  );
}
