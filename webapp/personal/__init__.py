"""All that is stored of one person, for them: access and portability (GDPR, articles 15 and 20)."""
