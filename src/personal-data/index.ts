export { PersonalData, type PersonalRecord } from './personal-data.js';
export { PersonalDataModule } from './personal-data.module.js';
