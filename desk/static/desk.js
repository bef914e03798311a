/* Behaviour that all pages share; pages read without it. */
