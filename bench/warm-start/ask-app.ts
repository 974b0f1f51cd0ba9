import { invoke, loadApp, type RpcHttp } from "../../dev/functions-host/app.ts";
import { httpRoutes } from "../../dev/functions-host/http.ts";

const PATH = "api/session/start";

/** Loads an app into this process. Returns a function that starts a session like the Functions host does. */
export async function openApp(
  directory: string,
  caller: string,
): Promise<(agent: string) => () => Promise<void>> {
  const app = await loadApp(directory);
  const route = httpRoutes(app).find((each) => each.route === PATH);
  if (route === undefined) throw new Error(`${directory} has no ${PATH}`);
  return (agent) => {
    const http = requestOf(caller, agent);
    return async () => {
      const answer = await invoke(app, route.function, { http });
      const { statusCode, body } = answer?.http ?? {};
      if (Number(statusCode ?? 200) !== 200) {
        throw new Error(`${statusCode} ${body?.string ?? Buffer.from(body?.bytes ?? [])}`);
      }
    };
  };
}

/** The request as the worker gets it from the host. */
function requestOf(caller: string, agent: string): RpcHttp {
  const bytes = Buffer.from(JSON.stringify({ agent_entra_app_id: agent }));
  const headers = {
    host: "lkps.example",
    "content-type": "application/json",
    "content-length": String(bytes.length),
    "client-id": caller,
  };
  return {
    method: "POST",
    url: `http://lkps.example/${PATH}`,
    nullableHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }])),
    nullableQuery: {},
    nullableParams: {},
    body: { bytes },
  };
}
