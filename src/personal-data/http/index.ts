export { PersonalDataHttpModule } from './personal-data-http.module.js';
