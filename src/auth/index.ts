export { AuthModule } from './auth.module.js';
export { FirstAdmin } from './accounts/first-admin.js';
