import django.db.models.deletion
import reserve_portal.core.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60, unique=True, verbose_name='Письмо')),
                ('subject', models.CharField(max_length=250, verbose_name='Тема')),
                ('body', models.TextField(verbose_name='Текст')),
            ],
            options={
                'verbose_name': 'Текст письма',
                'verbose_name_plural': 'Тексты писем',
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=32, unique=True)),
                ('subject', models.CharField(max_length=250, verbose_name='Тема')),
                ('body', models.TextField(verbose_name='Текст')),
                ('total', models.PositiveIntegerField(verbose_name='Получателей')),
                ('created_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Когда')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто отправил')),
            ],
            options={
                'verbose_name': 'Рассылка',
                'verbose_name_plural': 'Рассылки',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('kind', models.CharField(db_index=True, max_length=60, verbose_name='Вид')),
                ('key', models.CharField(max_length=200, unique=True, verbose_name='Ключ')),
                ('address', models.EmailField(db_index=True, max_length=254, verbose_name='Адрес')),
                ('subject_line', models.CharField(max_length=250, verbose_name='Тема')),
                ('body', models.TextField(verbose_name='Текст')),
                ('values', models.JSONField(blank=True, default=dict, verbose_name='Подстановки')),
                ('in_cabinet', models.BooleanField(default=True, verbose_name='Показывать в кабинете')),
                ('message_id', models.CharField(max_length=120, unique=True, verbose_name='Message-ID')),
                ('state', models.CharField(choices=[('queued', 'ждёт отправки'), ('sending', 'отправляется'), ('sent', 'отправлено'), ('failed', 'не доставлено')], default='queued', max_length=10, verbose_name='Состояние')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='Попыток')),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True, verbose_name='Следующая попытка')),
                ('lease_token', models.CharField(blank=True, max_length=32)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True, verbose_name='Ошибка')),
                ('created_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Написано')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='Отправлено')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='Прочитано')),
                ('content_type', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to=settings.AUTH_USER_MODEL, verbose_name='Кому')),
                ('mailing', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='notifications.mailing', verbose_name='Рассылка')),
            ],
            options={
                'verbose_name': 'Письмо',
                'verbose_name_plural': 'Письма',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', 'next_attempt_at'], name='notificatio_state_1bea58_idx'), models.Index(fields=['content_type', 'object_id'], name='notificatio_content_7158a0_idx')],
            },
        ),
    ]
