export { UsersHttpModule } from './users-http.module.js';
