export { ConfigModule } from './config.module.js';
export { Settings, SettingsError, loadSettings, settingsSchema } from './settings.js';
