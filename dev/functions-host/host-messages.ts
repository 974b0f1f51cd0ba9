/** The prefix of the host's message if the app fails to load. */
export const DID_NOT_START = "The app did not start: ";

/** A registered function. `route` and `authLevel` are null unless it has an HTTP trigger. */
export interface FunctionSummary {
  name: string;
  trigger: string;
  route: string | null;
  methods: string[];
  authLevel: string | null;
}

/** Sent to the parent process when the host accepts requests. */
export interface HostReady {
  type: "ready";
  port: number;
  functions: FunctionSummary[];
}
