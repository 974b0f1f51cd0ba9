/** What an operator must do if Graph, or the platform, rejects the app's identity. */
export const PERMISSION_HELP =
  "the app's managed identity needs the application permission Application.Read.All of Microsoft Graph, granted by an admin";
