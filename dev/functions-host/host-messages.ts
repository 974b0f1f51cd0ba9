/** Begins what the host says when the app throws while it is loaded. */
export const DID_NOT_START = "The app did not start: ";

/** A function as the app has registered it; `route` and `authLevel` are null for other triggers than HTTP. */
export interface FunctionSummary {
  name: string;
  trigger: string;
  route: string | null;
  methods: string[];
  authLevel: string | null;
}

/** What the host tells the process that started it, once it takes requests. */
export interface HostReady {
  type: "ready";
  port: number;
  functions: FunctionSummary[];
}
