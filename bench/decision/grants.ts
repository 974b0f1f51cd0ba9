import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Code } from "./engine.ts";

/** An application in the words of an engine that knows nothing of Graph. */
interface Grants {
  readonly granted: readonly ClientId[];
  /** Listed, but without the scope. */
  readonly notGranted: readonly ClientId[];
  /** What every other client is answered. */
  readonly otherwise: Code;
}

/** What an engine's rules are made from. */
export function grantsOf(api: ApiApplication | null): Grants {
  if (api === null) return nobody("agent_application_not_found");
  const { scopeState, preAuthorized } = indexApplication(api);
  if (scopeState === "missing") return nobody("scope_not_exposed");
  if (scopeState === "disabled") return nobody("scope_disabled");
  const clients = [...preAuthorized.keys()];
  return {
    granted: clients.filter((client) => preAuthorized.get(client)),
    notGranted: clients.filter((client) => !preAuthorized.get(client)),
    otherwise: "client_not_pre_authorized",
  };
}

function nobody(otherwise: Code): Grants {
  return { granted: [], notGranted: [], otherwise };
}
