import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Graph } from "./graph.ts";
import type { Lkps } from "./lkps.ts";
import { Refusal } from "./refusal.ts";

/** What every page works with. */
export interface Services {
  readonly lkps: Lkps;
  readonly graph: Graph;
  readonly signIn: () => void;
}

export const ServicesContext = createContext<Services | null>(null);

/** @throws Error outside of the signed-in app */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error("Nobody is signed in");
  return services;
}

/** Something that is read from LKPS. While it is read again, the last value stays. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly refusal: Refusal | null;
  readonly isWaiting: boolean;
  readonly reload: () => void;
}

/**
 * Reads something, and again whenever `key` changes. What is not needed any more is aborted.
 *
 * @param load - may show what it has before it has everything
 */
export function useLoaded<T>(
  key: unknown,
  load: (signal: AbortSignal, show: (value: T) => void) => Promise<T>,
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({
    value: null,
    refusal: null,
    isWaiting: true,
  });
  const [round, reload] = useReducer<number, void>((n) => n + 1, 0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    setState(({ value }) => ({ value, refusal: null, isWaiting: true }));
    const show = (value: T) => abort.signal.aborted || setState({ value, refusal: null, isWaiting: false });
    latest.current(abort.signal, show).then(show, (error) => {
      if (abort.signal.aborted) return;
      const refusal = error instanceof Refusal ? error : new Refusal("unreachable");
      setState({ value: null, refusal, isWaiting: false });
    });
    return () => abort.abort();
  }, [key, round]);
  return { ...state, reload };
}

/** The names of applications, as far as they are known. Reads those that are not. */
export function useNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const { graph } = useServices();
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
  // Before anything else can happen: a name that arrived in between would not be shown.
  useLayoutEffect(() => {
    graph.listeners.add(redraw);
    graph.wantNames(ids);
    return () => void graph.listeners.delete(redraw);
  }, [graph, ids.join()]);
  return graph.names;
}
