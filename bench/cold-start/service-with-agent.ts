import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AGENT, api, CLIENT } from "../../tests/support/app-registration.ts";
import { type Service, startService } from "../../tests/support/service.ts";

/** The service, with one registered agent that approved one client. */
export interface ServiceWithAgent extends AsyncDisposable {
  readonly service: Service;
  /** The request that starts a session. */
  readonly start: { readonly path: string; readonly caller: string; readonly body: string };
  /** A temporary folder. */
  readonly folder: string;
}

/** Starts the service on free ports, without its log. */
export async function startServiceWithAgent(): Promise<ServiceWithAgent> {
  const folder = await mkdtemp(join(tmpdir(), "lkps-bench-"));
  const service = await startService({ applications: [{ appId: AGENT, api: api() }] });
  const registered = await service.call("POST", "/api/agent/register", { caller: AGENT });
  if (registered.status !== 201) throw new Error(`The agent was not registered: ${registered.text}`);
  return {
    service,
    folder,
    start: {
      path: "/api/session/start",
      caller: CLIENT,
      body: JSON.stringify({ agent_entra_app_id: AGENT }),
    },
    async [Symbol.asyncDispose]() {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
