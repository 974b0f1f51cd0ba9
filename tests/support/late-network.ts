import { AsyncLocalStorage } from "node:async_hooks";
import {
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import type { FakeTableServer } from "./fake-table-server.ts";

/** A request between a client and the server. */
interface Underway<Owner> {
  readonly owner: Owner;
  readonly request: PipelineRequest;
  readonly settle: PromiseWithResolvers<PipelineResponse>;
}

/** What may happen to a request. Whatever its client receives, a write may still be executed later. */
export const fates = ["delivered", "request lost", "answer lost", "delayed", "repeated"] as const;
type Fate = (typeof fates)[number];

/** A network on which nothing moves but by {@link LateNetwork.decide} and {@link LateNetwork.carryOutLate}. */
export interface LateNetwork<Owner> {
  readonly httpClient: HttpClient;
  /** Those that clients wait for. */
  readonly waitedFor: readonly Underway<Owner>[];
  /** Writes that no client waits for anymore. */
  readonly late: readonly Underway<Owner>[];
  /** Does the work; whatever it sends is `owner`'s. */
  sendAs<T>(owner: Owner, work: () => Promise<T>): Promise<T>;
  decide(index: number, fate: Fate): void;
  carryOutLate(index: number): void;
}

// One for all networks, because each additional one makes every promise slower.
const owners = new AsyncLocalStorage<unknown>();

/** A network to the server; `onSent` and `onCarriedOut` hear of each request. */
export function lateNetwork<Owner>(
  server: FakeTableServer,
  onSent: (owner: Owner, request: PipelineRequest) => void,
  onCarriedOut: (owner: Owner, request: PipelineRequest, status: number) => void,
): LateNetwork<Owner> {
  const waitedFor: Underway<Owner>[] = [];
  const late: Underway<Owner>[] = [];

  const carryOut = ({ owner, request }: Underway<Owner>) => {
    const response = server.carryOut(request);
    onCarriedOut(owner, request, response.status);
    return response;
  };
  const keep = (one: Underway<Owner>) => {
    if (one.request.method !== "GET") late.push(one);
  };
  const lose = ({ settle, request }: Underway<Owner>) =>
    settle.reject(new RestError("socket hang up", { code: "ECONNRESET", request }));

  return {
    waitedFor,
    late,
    sendAs: (owner, work) => owners.run(owner, work),
    httpClient: {
      sendRequest: (request) => {
        const owner = owners.getStore() as Owner;
        const aborted = Object.assign(new Error("Aborted"), { name: "AbortError" });
        if (request.abortSignal?.aborted) return Promise.reject(aborted);
        onSent(owner, request);
        const one: Underway<Owner> = { owner, request, settle: Promise.withResolvers() };
        waitedFor.push(one);
        request.abortSignal?.addEventListener("abort", () => {
          if (!waitedFor.includes(one)) return;
          waitedFor.splice(waitedFor.indexOf(one), 1);
          keep(one);
          one.settle.reject(aborted);
        });
        return one.settle.promise;
      },
    },
    decide: (index, fate) => {
      const [one] = waitedFor.splice(index, 1);
      if (one === undefined) return;
      if (fate === "delivered" || fate === "repeated") one.settle.resolve(carryOut(one));
      if (fate === "answer lost") carryOut(one);
      if (fate === "delayed" || fate === "repeated") keep(one);
      lose(one);
    },
    carryOutLate: (index) => {
      const [one] = late.splice(index, 1);
      if (one !== undefined) carryOut(one);
    },
  };
}
