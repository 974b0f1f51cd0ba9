import { entraError } from "./answer.ts";

const aadsts = {
  28000: ["invalid_request", "The scope is not valid because it contains more than one resource."],
  50011: ["invalid_request", "The redirect URI does not match those configured for the application."],
  50034: ["invalid_grant", "The user account does not exist in the directory."],
  65001: ["invalid_grant", "The user or administrator has not consented to use the application."],
  65004: ["access_denied", "User declined to consent to access the app."],
  70000: ["invalid_grant", "The code or refresh token is not valid."],
  70003: ["unsupported_grant_type", "The app requested an unsupported grant type."],
  70005: ["unsupported_response_type", "The response_type must be 'code'."],
  70008: ["invalid_grant", "The code or refresh token has expired."],
  500011: ["invalid_resource", "The resource principal was not found in the tenant."],
  500112: ["invalid_grant", "The reply address is not the one that the code was requested with."],
  501481: ["invalid_grant", "The code_verifier does not match the code_challenge."],
  650053: ["invalid_client", "The application asked for a scope that doesn't exist on the resource."],
  700016: ["unauthorized_client", "The application was not found in the directory."],
  700025: ["invalid_client", "Client is public so neither an assertion nor a secret should be presented."],
  900144: ["invalid_request", "The request must contain the parameter 'scope'."],
  1002012: ["invalid_scope", "The scope must end in '/.default'."],
  7000215: ["invalid_client", "Invalid client secret provided."],
  9002325: ["invalid_request", "Proof Key for Code Exchange is required for a single-page application."],
  9002326: ["invalid_request", "Cross-origin token redemption is not permitted for this origin."],
  9002327: ["invalid_request", "Single-page applications redeem tokens via cross-origin requests only."],
} as const satisfies Record<number, readonly [error: string, text: string]>;

/** Thrown to refuse a sign-in or a token, with Entra's error for the code of an AADSTS message. */
export class Refusal extends Error {
  override name = "Refusal";
  answer: ReturnType<typeof entraError>;

  constructor(code: keyof typeof aadsts, what = "") {
    const [error, text] = aadsts[code];
    super(text);
    const status = error === "invalid_client" ? 401 : 400;
    this.answer = entraError(status, error, code, what === "" ? text : `${text} (${what})`);
  }
}
