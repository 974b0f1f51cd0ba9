/** Settings that let the app load. What it requests while it starts goes to a port where nobody listens. */
export const minimalSettings = {
  TABLES_CONNECTION_STRING: "UseDevelopmentStorage=true",
  LIVEKIT_URL: "wss://livekit.example.com",
  LIVEKIT_API_KEY: "key",
  LIVEKIT_API_SECRET: "secret-".repeat(5),
  IDENTITY_ENDPOINT: "http://127.0.0.1:9/msi/token",
  IDENTITY_HEADER: "header",
};
