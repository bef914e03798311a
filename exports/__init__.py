"""What the program writes: reports, the home folder, pages, mails."""
