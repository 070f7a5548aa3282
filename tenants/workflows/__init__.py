"""Several transactions in a row with a call to the outside between them; never atomic as a whole."""
