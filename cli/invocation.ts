/** Whether `npm run lkps` of the repository runs this process. npm sets the variable to the name of the script. */
const isRepositoryScript = process.env["npm_lifecycle_event"] === "lkps";

/** How to run lkps from here, as it is shown in advice. */
export const lkpsCommand = isRepositoryScript ? "npm run lkps --" : "lkps";

/** The folder where the command was typed; npm runs the repository's script in the root folder. */
export const currentFolder = (isRepositoryScript && process.env["INIT_CWD"]) || process.cwd();
