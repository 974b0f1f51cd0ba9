import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Code } from "./engine.ts";

/** An app registration for an engine that doesn't know Graph. */
interface Grants {
  readonly granted: readonly ClientId[];
  /** Clients that are listed without the scope. */
  readonly notGranted: readonly ClientId[];
  /** The code for every other client. */
  readonly otherwise: Code;
}

/** Converts an app registration. */
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
