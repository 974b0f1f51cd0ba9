import { EXAMPLE } from "./example-ids.ts";

/** Building blocks for the examples of the AuthZEN endpoints. */
export const subject = (id: string) => ({ type: "client_application", id });
export const resource = (id: string) => ({ type: "agent", id });
export const action = { name: "access_as_client" };
export const question = { subject: subject(EXAMPLE.client), action, resource: resource(EXAMPLE.agent) };

/** The error message for an empty body. */
export const ASKS_NOTHING = "subject must be an object with type and id.";
