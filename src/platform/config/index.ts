export { ConfigModule } from './config.module.js';
export { secretsOf } from './secrets.js';
export { Settings, SettingsError, loadSettings, settingsSchema } from './settings.js';
export { similarNames, type SimilarName } from './similar-names.js';
export { StartError, reasonOf, withoutSecrets } from './start-error.js';
export { readYamlFile, YamlFileError, type FieldFault } from './yaml-file.js';
export { fillVariables, missingVariables } from './variables.js';
export { parseHost, type HostAndPort } from './settings/host-name.js';
