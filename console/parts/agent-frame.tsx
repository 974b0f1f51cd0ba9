import type { ComponentChildren } from "preact";
import { type AgentPage, agentLink, agentPages } from "../route.ts";
import { useNames } from "../services.ts";
import { Heading, Name } from "./elements.tsx";

interface AgentFrameProps {
  readonly agent: string;
  readonly page: AgentPage;
  readonly children: ComponentChildren;
}

/** What all pages about one agent have: its name, and the way to the others. */
export function AgentFrame({ agent, page, children }: AgentFrameProps) {
  const name = useNames([agent]).get(agent);
  return (
    <main>
      <p>
        <a href="#/">Your agents</a>
      </p>
      <Heading title={`${agentPages[page]} · ${name ?? agent}`}>
        <Name>{name ?? agent}</Name>
      </Heading>
      {name !== undefined && <p class="id">{agent}</p>}
      <nav aria-label="Agent">
        <ul class="tabs">
          {Object.entries(agentPages).map(([id, label]) => (
            <li key={id}>
              <a href={agentLink(agent, id as AgentPage)} aria-current={id === page ? "page" : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </main>
  );
}
