"""A whole year of the portal, played by invented people through the services on a clock of its own."""
